-- A CRC of up to 32 bits over the bytes `from` to `to`, highest bit first; `top` is the value of its highest bit.
local function crc(bytes, from, to, top, poly, register, xorout)
  for i = from, to do
    register = bit.bxor(register, bytes:byte(i) * (top / 0x80)) % 0x100000000
    for _ = 1, 8 do
      if register >= top then
        register = bit.bxor((register - top) * 2, poly) % 0x100000000
      else
        register = register * 2
      end
    end
  end
  return bit.bxor(register, xorout) % 0x100000000
end
