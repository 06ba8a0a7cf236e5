"""What `rind` offers to notebooks and other programs; import it from `rind` itself."""
