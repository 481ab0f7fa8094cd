-- The sum of the bytes `from` to `to`, modulo 256.
local function sum8(bytes, from, to)
  local sum = 0
  for i = from, to do
    sum = sum + bytes:byte(i)
  end
  return sum % 256
end
