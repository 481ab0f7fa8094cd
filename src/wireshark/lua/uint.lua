-- An unsigned number, most significant byte first; nil if it is not all there.
local function uint(bytes, at, width)
  if #bytes < at + width - 1 then return nil end
  local value = 0
  for i = at, at + width - 1 do
    value = value * 256 + bytes:byte(i)
  end
  return value
end
