-- The sum of the bytes `from` to `to`, modulo 65536.
local function sum16(bytes, from, to)
  local sum = 0
  for i = from, to do
    sum = sum + bytes:byte(i)
  end
  return sum % 65536
end
