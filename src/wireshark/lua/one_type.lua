-- The frame at byte `at`: its type and size. Or nil, and what `judge` says that is missing.
local function frame_at(bytes, at)
  local kind = frame_types[1]
  local size, missing = judge(kind, bytes, at)
  if not size then return nil, missing end
  -- A frame whose checksum is wrong is one all the same if another follows. --? checksum
  local good = not kind.sum_ok or kind.sum_ok(bytes, at, size) --? checksum
  if not good and not follows(bytes, at + size) then return nil end --? checksum
  return kind, size, not good --? checksum
  return kind, size --? no checksum
end
