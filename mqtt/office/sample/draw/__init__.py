"""Pictures of the sample, drawn from a few flat shapes: pen → shapes → scenes → covers, slides, film and leaflets."""
