"""Reports of what customers owe, and of what is owed to vendors."""
