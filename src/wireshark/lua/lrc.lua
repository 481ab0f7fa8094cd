-- The sum of the bytes `from` to `to`, modulo 256, two's complement.
local function lrc(bytes, from, to)
  local sum = 0
  for i = from, to do
    sum = sum + bytes:byte(i)
  end
  return -sum % 256
end
