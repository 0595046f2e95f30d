"""What each channel shows of a notice: one module a service, pure functions of one Notice."""
