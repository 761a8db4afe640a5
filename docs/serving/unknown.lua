-- wrk's requests for new users: histories of five items each, from the file of item ids that ITEMS names.
local ids, n = {}, 0
for line in io.lines(os.getenv("ITEMS")) do ids[#ids + 1] = line end
local threads = 0
function setup(thread) thread:set("start", threads * 7919); threads = threads + 1 end
function init() n = start end
function request()
  local some = {}
  for place = 1, 5 do n = n + 104729; some[place] = '"' .. ids[n % #ids + 1] .. '"' end
  return wrk.format("POST", "/recommend", { ["Content-Type"] = "application/json" }, '{"top":20,"items":[' .. table.concat(some, ",") .. "]}")
end
function done(summary, latency, requests)
  io.write(string.format("requests %d, a second %.0f, p50 %.2f ms, p99 %.2f ms, p99.9 %.2f ms, failed %d\n",
    summary.requests, summary.requests / summary.duration * 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    latency:percentile(99.9) / 1e3, summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
