-- A variable byte integer, seven bits a byte, lowest first, and how many bytes it has; nil if it is not all there,
-- false if it has more than four.
local function varint(bytes, at)
  local value = 0
  for i = 0, 3 do
    local byte = bytes:byte(at + i)
    if not byte then return nil end
    value = value + byte % 128 * 128 ^ i
    if byte < 128 then return value, i + 1 end
  end
  return false
end
