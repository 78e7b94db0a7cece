from models_site import site

__all__ = ["site"]
