-- The frame at byte `at`: its type and size, whether its checksum is wrong, and whether more bytes could change that.
-- Or nil, and what `judge` says is missing.
local function frame_at(bytes, at)
  local kind = frame_types[1]
  local size, missing = judge(kind, bytes, at)
  if not size then return nil, missing end
  -- A frame with a wrong checksum is accepted if another frame follows. --? checksum
  local good = not kind.sum_ok or kind.sum_ok(bytes, at, size) --? checksum
  if good then return kind, size, false, false end --? checksum
  local followed, open = follows(bytes, at + size) --? checksum
  if not followed then return nil end --? checksum
  return kind, size, true, open --? checksum
  return kind, size, false, false --? no checksum
end
