"""The two mosquitto processes of a place, derived from the contract and the inventory.

contract.topics × Inventory ─► acl, config (pure texts) ─► BrokerFolder (files) ─► Brokers (processes), SIGHUP
"""
