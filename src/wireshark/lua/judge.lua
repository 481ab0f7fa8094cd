-- Whether a frame of this type begins at byte `at` (from 1). Returns
--   its size                    if it is all there,
--   nil, how many bytes it has  if it goes on behind the last byte,
--   nil, true                   if the bytes that would tell are still missing,
--   nil                         if there is none.
local function judge(kind, bytes, at)
  local header = not kind.headers or header_at(kind.headers, bytes, at) --? header
  if header == nil then return nil, true end --? header
  if not header then return nil end --? header
  local size = kind.size(bytes, at)
  if size == nil then return nil, true end
  if not size or size < kind.min or size > kind.max then return nil end
  if kind.ending then --? ending
    -- As much of the end marker as is there must be right. --? ending
    local there = bytes:sub(at + size - #kind.ending, at + size - 1) --? ending
    if there ~= kind.ending:sub(1, #there) then return nil end --? ending
  end --? ending
  if at + size - 1 > #bytes then return nil, size end
  return size
end
