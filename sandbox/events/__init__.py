"""What happens between services: EventBridge's rules, SNS's subscriptions, Lambda's retries."""
