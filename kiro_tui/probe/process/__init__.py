"""Programs that outlive nothing: a small process of its own holds kiro-cli and ends all that it has started."""
