"""Will a young account become a long-term customer, and what is its next step?"""
