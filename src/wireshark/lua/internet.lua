-- The Internet checksum of the bytes `from` to `to` (RFC 1071).
local function internet(bytes, from, to)
  local sum = 0
  for i = from, to do
    sum = sum + bytes:byte(i) * ((i - from) % 2 == 0 and 256 or 1)
  end
  while sum > 0xFFFF do
    sum = sum % 0x10000 + math.floor(sum / 0x10000)
  end
  return 0xFFFF - sum
end
