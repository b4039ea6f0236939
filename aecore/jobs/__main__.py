"""`python -m aecore.jobs`: the engine on this machine, as long as its standard input is open."""

from aecore.jobs.cluster import main

if __name__ == "__main__":  # workers are started from this file, too, under another name
    main()
