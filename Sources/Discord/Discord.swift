// The first file of this target arrives with its module.
