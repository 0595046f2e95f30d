"""From a finding, EC2 and the records to what is done, with every reason."""
