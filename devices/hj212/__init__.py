"""
HJ 212: how data loggers (数采仪) of continuous emission monitoring report in China.

The gateway listens as the host (上位机), keeps what it is told, and signs it: the protocol itself
has a plain-text password and a checksum, neither of which proves anything to a third party.

Source: HJ/T 212-2005, HJ 212-2017, HJ 212-2025 (in force since 2026-01-01).
"""
