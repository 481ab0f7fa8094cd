-- The exclusive-or of the bytes `from` to `to`.
local function xor8(bytes, from, to)
  local sum = 0
  for i = from, to do
    sum = bit.bxor(sum, bytes:byte(i))
  end
  return sum
end
