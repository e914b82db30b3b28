"""Does the service keep its promise when vendors misbehave? A vendor that does so on purpose, and a scorecard."""
