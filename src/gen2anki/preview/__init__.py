"""The preview: every card as a device will show it, in the browser, again at each save of the source."""
