"""What applicants and approvers say to each other about an application, with pictures."""
