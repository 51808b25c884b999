"""J4R-Net: rain erased or filled, the paper's network and two released."""
