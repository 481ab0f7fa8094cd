-- No port is known, so every connection is looked at until one begins with a whole frame.
local function looks_like_it(tvb, pinfo, tree)
  local kind = frame_at(tvb:raw(), 1)
  if not kind then return false end
  pinfo.conversation = proto
  proto.dissector(tvb, pinfo, tree)
  return true
end
proto:register_heuristic("tcp", looks_like_it)
