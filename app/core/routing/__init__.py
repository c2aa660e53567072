"""TaskRouter's routing: what a workspace consists of, where its tasks go, and who may take them."""
