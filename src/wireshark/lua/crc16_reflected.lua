-- A CRC of 16 bits over the bytes `from` to `to`, lowest bit first.
local function crc16_reflected(bytes, from, to, poly, crc, xorout)
  for i = from, to do
    crc = bit.bxor(crc, bytes:byte(i))
    for _ = 1, 8 do
      local low = crc % 2
      crc = (crc - low) / 2
      if low == 1 then crc = bit.bxor(crc, poly) end
    end
  end
  return bit.bxor(crc, xorout)
end
