"""What ships as data, in Chinese and English: questionnaires, issue types, risk domains, commitments."""
