-- The frame at byte `at`: its type and size, whether its checksum is wrong, and whether more bytes could change that.
-- Or nil, and what `judge` says is missing. If several types fit, the one that a frame follows is taken, else the
-- longest.
local function frame_at(bytes, at)
  local best, missing, fitting, open = nil, nil, 0, false
  for _, kind in ipairs(frame_types) do
    local size, more = judge(kind, bytes, at)
    if size then
      local bad = kind.sum_ok and not kind.sum_ok(bytes, at, size) or false --? checksum
      local followed, undecided = follows(bytes, at + size)
      local rank = size + (followed and 2 ^ 32 or 0) --? no checksum
      local rank = size + (followed and 2 ^ 32 or 0) + (bad and 0 or 2 ^ 33) --? checksum
      open, fitting = open or undecided, fitting + 1
      local valid = followed or not bad --? checksum
      if valid and (not best or rank > best.rank) then --? checksum
      if not best or rank > best.rank then --? no checksum
        best = { kind = kind, size = size, rank = rank, bad = false } --? no checksum
        best = { kind = kind, size = size, rank = rank, bad = bad } --? checksum
      end
    elseif more then
      -- Which of several types it is depends on bytes that are missing.
      missing = missing and true or more
    end
  end
  -- A frame that ends with the last byte is shown now, though a longer type could still fit.
  if best and (not missing or at + best.size > #bytes) then
    return best.kind, best.size, best.bad, missing or best.bad or (open and fitting > 1)
  end
  return nil, missing
end
