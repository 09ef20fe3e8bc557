"""The administrator's pages: settings, the audit history (D3), keys of ticket systems."""
