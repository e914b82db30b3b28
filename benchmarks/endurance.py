"""Does memory stay flat over a million requests? One worker with its defaults, asked for everything at once.

    python -m benchmarks.endurance [--requests 1000000]

Six in ten are answered plainly, two are streamed, two are refused. Every request has a text and a correlation id of its
own, callers name a thousand users and made-up models: whatever is kept by any of these would grow.
Ends with code 1 when more is resident at the end than at a quarter of the way, by more than a twentieth.
"""

from __future__ import annotations

import argparse
import sys

from benchmarks.comparison.contenders import ours
from benchmarks.comparison.launching import first_answer, free_port, memory
from benchmarks.comparison.measuring import made
from benchmarks.comparison.paces import BRIEF, QUICK_MODEL
from benchmarks.comparison.run import serving_vendors
from benchmarks.comparison.wrk import TELLING, figures_in, run_script

_CONNECTIONS = 32
_LOOK_SECONDS = 20
_MOST_GROWTH = 0.05
_MIX = """
local number = 0
local function post(path, body)
  local headers = {{
    ["content-type"] = "application/json", ["authorization"] = "Bearer sk-bench", ["x-correlation-id"] = "c-" .. number
  }}
  return wrk.format("POST", path, headers, body)
end
local function chat(model, more)
  local words = '"messages":[{{"role":"user","content":"Say ' .. number .. '"}}],"user":"u' .. number % 1000 .. '"'
  return post("/v1/chat/completions", '{{"model":"' .. model .. '",' .. words .. more .. '}}')
end
function request()
  number = number + 1
  local kind = number % 10
  if kind < 3 then return chat("{quick}", "") end
  if kind < 5 then return post("/process", '{{"prompt":"Say ' .. number .. '","provider":"{quick}"}}') end
  if kind < 6 then
    return post("/process", '{{"prompt":"Say","provider":"{quick}","model":"made-up-' .. number % 5000 .. '"}}')
  end
  if kind < 8 then return chat("{brief}", ',"stream":true') end
  if kind < 9 then return chat("nobody/made-up-" .. number, "") end
  return post("/process", '{{"prompt":' .. number .. '}}')
end
"""


def main() -> int:
    """Prints a line each twenty seconds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.endurance", description=__doc__)
    parser.add_argument("--requests", type=int, default=1_000_000)
    return _endure(parser.parse_args().requests)


def _endure(requests: int) -> int:
    held: list[tuple[int, float]] = []
    script = _MIX.format(quick=QUICK_MODEL, brief=BRIEF.model) + TELLING
    with serving_vendors() as vendors, made(lambda folder: ours(vendors, folder, free_port(), 1)) as running:
        contender, process, folder = running
        ask = contender.surfaces[0].plain(None)
        assert process is not None
        first_answer(process, ask, folder)
        print(f"{'requests':>10} {'RSS MB':>7} {'a second':>9} {'refused':>8} {'failed':>7}")
        done = 0
        while done < requests:
            output = run_script(script, ask.port, ask.path, connections=_CONNECTIONS, seconds=_LOOK_SECONDS)
            told, rss_mb = figures_in(output), memory(process).rss_mb
            done += told["requests"]
            held.append((done, rss_mb))
            rate = told["requests"] / _LOOK_SECONDS
            print(f"{done:>10,} {rss_mb:>7.1f} {rate:>9,.0f} {told['refused']:>8,} {told['failed']:>7,}", flush=True)
    quarter, end = next(mb for count, mb in held if count >= done / 4), held[-1][1]
    growth = (end - quarter) / quarter
    print(f"from a quarter of the way to the end: {quarter:.1f} to {end:.1f} MB ({growth:+.1%})")
    return int(growth > _MOST_GROWTH)


if __name__ == "__main__":
    sys.exit(main())
