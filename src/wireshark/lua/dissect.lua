-- Called for every packet, after all other dissectors: what is shown depends on no preference of TCP.
local tcp = {
  stream = Field.new("tcp.stream"), seq = Field.new("tcp.seq_raw"), len = Field.new("tcp.len"),
  payload = Field.new("tcp.payload"), syn = Field.new("tcp.flags.syn"), reset = Field.new("tcp.flags.reset"),
  srcport = Field.new("tcp.srcport"), dstport = Field.new("tcp.dstport"),
}

local ports = {}

-- Reads the preference: numbers and ranges, separated by commas.
local function read_ports()
  ports = {}
  for first, last in proto.prefs.ports:gmatch("(%d+)%-?(%d*)") do
    first = tonumber(first)
    table.insert(ports, { first = first, last = tonumber(last) or first })
  end
end
proto.prefs_changed = read_ports
read_ports()

local function is_wanted(srcport, dstport)
  for _, range in ipairs(ports) do
    for _, port in ipairs { srcport, dstport } do
      if range.first <= port and port <= range.last then return true end
    end
  end
  -- Without a port every connection is tried; it is shown once a frame is found in it. --? guess
  return #ports == 0 --? guess
  return false --? no guess
end

local function collect(number, src)
  local stream, seq, len = { tcp.stream() }, { tcp.seq() }, { tcp.len() }
  local syn, reset = { tcp.syn() }, { tcp.reset() }
  local srcport, dstport = { tcp.srcport() }, { tcp.dstport() }
  local payloads, nth = { tcp.payload() }, 0
  -- Headers quoted in an ICMP error have no stream.
  if #stream ~= #seq or #stream ~= #len then return end
  for i = 1, #stream do
    local key = ("%d %s %d"):format(stream[i].value, src, srcport[i].value)
    local is_syn = syn[i].value
    if is_wanted(srcport[i].value, dstport[i].value) and not reset[i].value then
      local first = (seq[i].value + (is_syn and 1 or 0)) % 2 ^ 32
      local found, offset = locate(key, first, is_syn)
      if len[i].value > 0 then
        nth = nth + 1
        local payload = payloads[nth]
        if payload and payload.range and not found.ignored then
          add_segment(found, offset, payload.range:raw(), number, nth)
          if not found.found and offset > MAX_UNKNOWN_BYTES and #ports == 0 then
            found.ignored, found.runs = true, {}
          end
        end
      end
    elseif len[i].value > 0 then
      nth = nth + 1
    end
  end
end

function proto.dissector(_, pinfo, tree)
  if not pinfo.visited then collect(pinfo.number, tostring(pinfo.src)) end
  local names, payloads = {}, nil
  for _, entry in ipairs(packets[pinfo.number] or {}) do
    if not entry.removed and entry.stream.found then
      payloads = payloads or { tcp.payload() }
      local range
      if entry.bytes then
        range = ByteArray.new(entry.bytes, true):tvb("Frame")()
      else
        range = payloads[entry.payload].range(entry.at, entry.size)
      end
      if entry.kind then
        local item = show(entry.kind, range, tree) --? checksum
        if entry.bad_sum then item:add_proto_expert_info(wrong_sum) end --? checksum
        show(entry.kind, range, tree) --? no checksum
        table.insert(names, entry.kind.name)
      else
        show_fault(range, tree)
      end
    end
  end
  if #names > 0 then
    pinfo.cols.protocol = column
    pinfo.cols.info = table.concat(names, ", ", 1, math.min(#names, 8)) .. (#names > 8 and ", ..." or "")
  end
end

register_postdissector(proto, true)
