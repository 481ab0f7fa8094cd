-- A CRC of up to 32 bits over the bytes `from` to `to`, lowest bit first; `poly` is reflected, too.
local function crc_reflected(bytes, from, to, poly, register, xorout)
  for i = from, to do
    register = bit.bxor(register, bytes:byte(i)) % 0x100000000
    for _ = 1, 8 do
      local low = register % 2
      register = (register - low) / 2
      if low == 1 then register = bit.bxor(register, poly) % 0x100000000 end
    end
  end
  return bit.bxor(register, xorout) % 0x100000000
end
