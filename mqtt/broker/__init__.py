"""The two mosquitto processes of a place, derived from the contract and the inventory."""
