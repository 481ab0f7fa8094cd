-- Fletcher's checksum and Adler-32 of the bytes `from` to `to`: two sums, the second times `scale`.
local function fletcher(bytes, from, to, modulus, first, scale)
  local second = 0
  for i = from, to do
    first = (first + bytes:byte(i)) % modulus
    second = (second + first) % modulus
  end
  return second * scale + first
end
