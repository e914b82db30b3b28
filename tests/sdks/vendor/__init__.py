"""A vendor on loopback that speaks five dialects, and answers by what it heard: what is lost on the way is seen."""
