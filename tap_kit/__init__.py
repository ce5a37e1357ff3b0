"""What every tap of this project needs and the Singer SDK lacks; knows no vendor."""
