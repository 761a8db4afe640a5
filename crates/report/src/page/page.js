// Without this script every title still shows on hover. With it an item is seen alone, in both maps at once.
for (const figure of document.querySelectorAll("figure")) {
  if (!figure.querySelector(".item")) continue;
  const line = document.createElement("p");
  line.className = "picked";
  line.setAttribute("aria-live", "polite");
  figure.querySelector(".panels").before(line);
  let on = null;
  const pick = (event) => {
    const item = event.target.closest(".item");
    const name = item && item.classList[1];
    if (name === on) return;
    for (const other of figure.querySelectorAll(".item.on")) other.classList.remove("on");
    on = name;
    figure.classList.toggle("picking", Boolean(item));
    line.textContent = item ? item.querySelector("title").textContent : "";
    if (item) for (const same of figure.querySelectorAll(`.item.${name}`)) same.classList.add("on");
  };
  figure.addEventListener("pointerover", pick);
  figure.addEventListener("pointerleave", pick);
}
