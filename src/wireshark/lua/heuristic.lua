-- No port is known, so every connection is looked at until a packet of it begins with a whole frame. Wireshark keeps
-- nothing of that packet for the next one: name the port in the preferences to see a frame that is split there.
local function looks_like_it(tvb, pinfo, tree)
  if not frame_at(tvb:raw(), 1) then return false end
  pinfo.conversation = proto
  proto.dissector(tvb, pinfo, tree)
  return true
end
proto:register_heuristic("tcp", looks_like_it)
