"""Good and bad requests mixed for some time, with two hot swaps: every answer is checked, and memory is watched.

    anchorrec serve RUN --listen 127.0.0.1:8080 &
    anchorrec recommend RUN --out lists.jsonl
    python soak.py 127.0.0.1:8080 $! lists.jsonl vectors/items.ids.txt SECONDS [REQUESTS A SECOND]

The list of a known user is right where it has the bytes of `recommend`'s line, any other answer where it has those of the first one to the same request, and a
refusal where its status is the one that belongs to it. Ends with status 1 after a wrong one, or where the run was not swapped twice.
Without a rate, the clients ask as fast as they are answered. Where this process was itself stopped for seconds (a laptop that slept), what went wrong in that
time is counted apart: the server's times ran out meanwhile.
"""

import contextlib
import http.client
import json
import os
import random
import signal
import socket
import sys
import threading
import time
from urllib.parse import quote

address, pid, lists, items, seconds = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4], float(sys.argv[5])
lists = {quote(json.loads(line)["user"], safe=""): line for line in open(lists, "rb").readlines()[:500]}
users = list(lists)
items = [line.rstrip("\n") for line in open(items, encoding="utf-8")]
host, port = address.split(":")
JSON = {"Content-Type": "application/json"}
first = {("GET", f"/recommend?user={user}", None): line for user, line in lists.items()}
lock, end = threading.Lock(), time.time() + seconds
rate = float(sys.argv[6]) if len(sys.argv) > 6 else None
CLIENTS = 4
counts, wrong, stopped = {}, [], []


def requests(rng):
    """A request of one of many kinds, with the status that it should have; answers of 200 must not change."""
    user, item = rng.choice(users), rng.choice(items[:200])
    history = ",".join(f'"{one}"' for one in rng.sample(items[:40], 3))
    return rng.choice(
        [("GET", f"/recommend?user={user}", None, 200)] * 12
        + [("POST", "/recommend", '{"items":[%s]}' % ",".join(f'"{one}"' for one in items[n : n + 3]), 200) for n in range(8)]
        + [("GET", f"/recommend?user={user}&deny={item}&why=true", None, 200)]
        + [("GET", f"/similar?item={item}", None, 200), ("GET", f"/items/{item}", None, 200), ("GET", f"/users/{user}", None, 200)]
        + [("POST", "/recommend/batch", '{"requests":[{"user":"%s"},{"user":"nobody"}]}' % user, 200)]
        + [("GET", "/recommend?user=nobody", None, 404), ("GET", "/recommend?usr=x", None, 400), ("GET", "/nowhere", None, 404)]
        + [("POST", "/recommend", "{", 400), ("POST", "/recommend", '{"items":[%s,"gone"]}' % history, 422)]
        + [("GET", "/recommend?user=x&top=100000", None, 422), ("DELETE", "/recommend", None, 405)]
    )


def client(seed):
    rng, connection = random.Random(seed), http.client.HTTPConnection(host, int(port), timeout=30)
    while time.time() < end:
        method, path, body, status = requests(rng)
        if rate:
            time.sleep(rng.expovariate(rate / CLIENTS))
        begun = time.time()
        try:
            connection.request(method, path, body, JSON if body else {})
            answer = connection.getresponse()
            found = answer.read()
        except (OSError, http.client.HTTPException) as error:
            (stopped if was_stopped(begun) else wrong).append(f"{method} {path}: {error!r}")
            connection = http.client.HTTPConnection(host, int(port), timeout=30)
            continue
        with lock:
            counts[answer.status] = counts.get(answer.status, 0) + 1
            expected = first.setdefault((method, path, body), found)
        if answer.status != status or (status == 200 and found != expected):
            (stopped if was_stopped(begun) else wrong).append(f"{method} {path} {body}: {answer.status} {found[:200]}")


def rude(seed):
    """Connections that break off, say nothing, or say what is no HTTP."""
    rng = random.Random(seed)
    while time.time() < end:
        with contextlib.suppress(OSError), socket.create_connection((host, int(port))) as stream:
            stream.send(rng.choice([b"", b"GET /recommend?us", b"\x16\x03\x01\x02", b"POST /recommend HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"]))
            time.sleep(rng.random() / (5 if rate else 20))


stops = []


def watch():
    """Finds out when this process stood still."""
    before = time.time()
    while before < end:
        time.sleep(0.5)
        now = time.time()
        if now - before > 5:
            stops.append((before, now))
        before = now


def was_stopped(begun):
    """Whether the process stood still since a request began, or while its connection waited for it."""
    time.sleep(1)
    return any(until > begun - 15 for _, until in stops)


def resident():
    with open(f"/proc/{pid}/status", encoding="utf-8") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def swapped():
    """How many runs the server has loaded in place of another."""
    connection = http.client.HTTPConnection(host, int(port), timeout=30)
    connection.request("GET", "/metrics")
    name = 'anchorrec_reloads_total{result="swapped"} '
    return next(int(line[len(name) :]) for line in connection.getresponse().read().decode().splitlines() if line.startswith(name))


before = swapped()
threads = [threading.Thread(target=client, args=(seed,)) for seed in range(CLIENTS)]
threads += [threading.Thread(target=rude, args=(9,)), threading.Thread(target=watch)]
[thread.start() for thread in threads]
start, swaps = time.time(), [seconds * share for share in (0.3, 0.6)]
shown = 0.0
while time.time() < end:
    if swaps and time.time() - start > swaps[0]:
        swaps.pop(0)
        os.kill(pid, signal.SIGHUP)
        print(f"{time.time() - start:6.0f} s  SIGHUP", flush=True)
    if time.time() - start >= shown:
        print(f"{time.time() - start:6.0f} s  {resident():.0f} MiB", flush=True)
        shown += seconds / 10
    time.sleep(0.2)
[thread.join() for thread in threads]
# The second run may still be loading.
late = time.time() + 60
while swapped() < before + 2 and time.time() < late:
    time.sleep(1)
if swapped() != before + 2:
    wrong.append(f"the run was swapped {swapped() - before} times, not twice")
print(f"{seconds:6.0f} s  {resident():.0f} MiB; answers by status {dict(sorted(counts.items()))}; wrong {len(wrong)}")
if stops:
    print(f"stood still {len(stops)} times, {sum(until - since for since, until in stops):.0f} s together; {len(stopped)} requests in these times")
print("\n".join(wrong[:10]))
sys.exit(bool(wrong))
