"""What the tests share: houses with the command over them, small banks and stores, policies on trial."""
