"""EEVRSR (ICIP 2019): rain streaks removed from five frames of luma."""
