local bit = bit32 or bit  -- its name depends on the version of Lua
