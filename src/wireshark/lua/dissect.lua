function proto.dissector(tvb, pinfo, tree)
  local bytes = tvb:raw()
  local shown, no_frame = {}, nil
  local at = 1
  while at <= #bytes do
    local kind, size = frame_at(bytes, at) --? no checksum
    local kind, size, bad_sum = frame_at(bytes, at) --? checksum
    if no_frame and (kind or size) then
      show_fault(tvb(no_frame - 1, at - no_frame), tree)
      no_frame = nil
    end
    if kind then
      local item = show(kind, tvb(at - 1, size), tree) --? checksum
      if bad_sum then item:add_proto_expert_info(wrong_sum) end --? checksum
      show(kind, tvb(at - 1, size), tree) --? no checksum
      shown[#shown + 1] = kind.name
      at = at + size
    elseif size and pinfo.can_desegment > 0 then
      -- The frame goes on in another packet: come back with these bytes and with more.
      pinfo.desegment_offset = at - 1
      pinfo.desegment_len = size == true and DESEGMENT_ONE_MORE_SEGMENT or at + size - 1 - #bytes
      break
    else
      -- No frame here: look for the next one, byte by byte. --? scan
      no_frame = no_frame or at
      at = at + 1 --? scan
      at = #bytes + 1  -- the next frame can only begin where a packet does --? segment
    end
  end
  if no_frame then
    show_fault(tvb(no_frame - 1), tree)
  end
  pinfo.cols.protocol = "COLUMN"
  if #shown > 0 then
    pinfo.cols.info = table.concat(shown, ", ", 1, math.min(#shown, 8)) .. (#shown > 8 and ", ..." or "")
  end
end
