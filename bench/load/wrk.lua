-- What wrk sends, and what it measured as one line of JSON.
-- Arguments: METHOD BODY_BYTES [FILE of requests, a line "HOST PATH" each]

local function requests(file)
  local list = {}
  for line in io.lines(file) do
    local host, path = line:match("^(%S+) (%S+)$")
    list[#list + 1] = wrk.format("GET", path, { Host = host })
  end
  return list
end

function init(args)
  wrk.method = args[1]
  local bytes = tonumber(args[2])
  if bytes > 0 then wrk.body = string.rep("x", bytes) end
  if args[3] == nil then return end
  local list = requests(args[3])
  local at = 0
  -- Only where it is defined wrk asks for each request.
  function request()
    at = at % #list + 1
    return list[at]
  end
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    '{"requests":%d,"seconds":%f,"bytes":%d,"failed":%d,"p50Ms":%f,"p99Ms":%f,"p999Ms":%f}',
    summary.requests, summary.duration / 1e6, summary.bytes,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency:percentile(99.9) / 1e3
  ))
end
