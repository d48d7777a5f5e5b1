"""
Modbus TCP and RTU: meters that are asked for their registers.

Source: MODBUS Application Protocol 1.1b3; MODBUS over Serial Line 1.02.
"""
