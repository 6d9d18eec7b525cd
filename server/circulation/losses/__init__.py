"""Lost and damaged things (遗失、损坏): who answers, what is paid, and what is written off (条例 21, 38, 39)."""
