-- A CRC of 16 bits over the bytes `from` to `to`, highest bit first.
local function crc16(bytes, from, to, poly, crc, xorout)
  for i = from, to do
    crc = bit.bxor(crc, bytes:byte(i) * 256)
    for _ = 1, 8 do
      crc = crc >= 0x8000 and bit.bxor(crc * 2 - 0x10000, poly) or crc * 2
    end
  end
  return bit.bxor(crc, xorout)
end
