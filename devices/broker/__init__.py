"""The courier: Mosquitto where it is installed, a small embedded broker where it is not."""
