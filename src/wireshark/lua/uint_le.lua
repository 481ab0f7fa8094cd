-- An unsigned number, least significant byte first; nil if it is not all there.
local function uint_le(bytes, at, width)
  if #bytes < at + width - 1 then return nil end
  local value = 0
  for i = at + width - 1, at, -1 do
    value = value * 256 + bytes:byte(i)
  end
  return value
end
