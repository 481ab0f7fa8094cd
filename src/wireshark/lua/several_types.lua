-- The frame at byte `at`: its type and size. Or nil, and what `judge` says that is missing.
-- If several types fit, the one that a frame follows is taken, else the longest.
local function frame_at(bytes, at)
  local best, missing
  for _, kind in ipairs(frame_types) do
    local size, more = judge(kind, bytes, at)
    if size then
      local bad = kind.sum_ok and not kind.sum_ok(bytes, at, size) or false --? checksum
      local followed = follows(bytes, at + size)
      local rank = size + (followed and 2 ^ 32 or 0) --? no checksum
      local rank = size + (followed and 2 ^ 32 or 0) + (bad and 0 or 2 ^ 33) --? checksum
      local valid = followed or not bad --? checksum
      if valid and (not best or rank > best.rank) then --? checksum
      if not best or rank > best.rank then --? no checksum
        best = { kind = kind, size = size, rank = rank } --? no checksum
        best = { kind = kind, size = size, rank = rank, bad = bad } --? checksum
      end
    elseif more then
      -- Which of several it is shows as more bytes come.
      missing = missing and true or more
    end
  end
  -- A frame that ends where the bytes end is shown now, though a longer one could still come of it.
  if best and (not missing or at + best.size > #bytes) then
    return best.kind, best.size --? no checksum
    return best.kind, best.size, best.bad --? checksum
  end
  return nil, missing
end
