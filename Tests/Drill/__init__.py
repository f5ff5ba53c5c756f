"""The fault drill: everything is killed and stopped while people write and watch, and a checker proves that nothing was lost."""
